// FERRY_API: what a shared library shows. Everything else is hidden.
#pragma once

#if defined(_WIN32) && defined(FERRY_SHARED)
#if defined(FERRY_BUILDING)
#define FERRY_API __declspec(dllexport)
#else
#define FERRY_API __declspec(dllimport)
#endif
#elif defined(__GNUC__)
#define FERRY_API __attribute__((visibility("default")))
#else
#define FERRY_API
#endif
