/*
 * mock_echo.h - paths of no dialect, for tests of the raw proxy.
 */
#ifndef MOCK_ECHO_H
#define MOCK_ECHO_H

#include "mock/mock.h"

extern const struct mock_dialect mock_echo;

#endif
