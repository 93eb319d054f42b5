#error "this room is pure: no Asio (docs/architecture.md)"
