// Keys for CURVE, which this library does not have: see zmq_has.
//
// No key pair is made although that needs no connection: a program that gets one goes on as if its traffic were
// encrypted.
#include <cerrno>

#include <zmq.h>

#include "engine/c_api/errors.hpp"

using ferry::c_api::fail;

int zmq_curve_keypair(char* /*public_key*/, char* /*secret_key*/)
{
    return fail(ENOTSUP);
}

int zmq_curve_public(char* /*public_key*/, const char* /*secret_key*/)
{
    return fail(ENOTSUP);
}
