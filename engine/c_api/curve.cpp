// Key pairs for CURVE, with libsodium; without it ENOTSUP.
//
// That keys can be made does not mean that connections can use them: see zmq_has.
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>

#ifdef FERRY_HAS_SODIUM
#include <sodium.h>
#endif

#include <zmq.h>

#include "engine/c_api/errors.hpp"

using ferry::c_api::fail;

#ifdef FERRY_HAS_SODIUM

namespace
{

constexpr std::size_t key_octets = 32;
constexpr std::size_t key_characters = 40;
using key = std::array<std::uint8_t, key_octets>;
static_assert(key_octets == crypto_scalarmult_BYTES && key_octets == crypto_box_SECRETKEYBYTES);

/// Wiped when it is done with.
class secret
{
public:
    secret() noexcept = default;
    ~secret() { sodium_memzero(octets.data(), octets.size()); }
    secret(const secret&) = delete;
    secret& operator=(const secret&) = delete;

    key octets{};
};

}  // namespace

int zmq_curve_keypair(char* public_key, char* secret_key)
{
    if (public_key == nullptr || secret_key == nullptr)
        return fail(EINVAL);
    if (sodium_init() < 0)
        return fail(ENOTSUP);
    key made_public{};
    secret made_secret;
    if (crypto_box_keypair(made_public.data(), made_secret.octets.data()) != 0)
        return fail(ENOTSUP);
    zmq_z85_encode(public_key, made_public.data(), made_public.size());
    zmq_z85_encode(secret_key, made_secret.octets.data(), made_secret.octets.size());
    return 0;
}

int zmq_curve_public(char* public_key, const char* secret_key)
{
    if (public_key == nullptr || secret_key == nullptr)
        return fail(EINVAL);
    if (std::strlen(secret_key) != key_characters)
        return fail(EINVAL);
    if (sodium_init() < 0)
        return fail(ENOTSUP);
    secret given;
    if (zmq_z85_decode(given.octets.data(), secret_key) == nullptr)
        return -1;  // it has set errno
    key derived{};
    if (crypto_scalarmult_base(derived.data(), given.octets.data()) != 0)
        return fail(EINVAL);
    zmq_z85_encode(public_key, derived.data(), derived.size());
    return 0;
}

#else

int zmq_curve_keypair(char* /*public_key*/, char* /*secret_key*/)
{
    return fail(ENOTSUP);
}

int zmq_curve_public(char* /*public_key*/, const char* /*secret_key*/)
{
    return fail(ENOTSUP);
}

#endif
