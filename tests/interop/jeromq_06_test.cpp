// JeroMQ 0.6.0, a reading of the RFCs that owes nothing to libzmq: ZMTP 3.0.

#include "tests/interop/foreign_peer.hpp"

using namespace ferry::test;

TEST_CASE("Ferry and JeroMQ 0.6.0 (ZMTP 3.0) talk in every pattern, either side bound")
{
    // A JeroMQ process under load was seen not to finish its handshake.
    check_every_conversation(jeromq("FERRY_JEROMQ_06_CLASSPATH"), "JeroMQ 0.6.0", 2);
}
