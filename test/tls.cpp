// ordo: tests of TLS over streams.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/tls.hpp>

#include "stream_case.hpp"

BOOST_AUTO_TEST_SUITE(tls)

BOOST_AUTO_TEST_SUITE_END()
