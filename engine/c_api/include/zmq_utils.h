/* zmq_utils.h: what older programs include for the stopwatch, threads and Z85; all of it is in zmq.h. */
#ifndef FERRY_ZMQ_UTILS_H
#define FERRY_ZMQ_UTILS_H

#include "zmq.h"

#endif
