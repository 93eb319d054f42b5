// JeroMQ 0.3.6, an old peer in earnest: ZMTP 2.0.

#include "tests/interop/foreign_peer.hpp"

using namespace ferry::test;

TEST_CASE("Ferry and JeroMQ 0.3.6 (ZMTP 2.0) talk in every pattern, either side bound")
{
    check_every_conversation(jeromq("FERRY_JEROMQ_03_CLASSPATH"), "JeroMQ 0.3.6", 2);
}
