// The one Catch2 main: compiled once, linked by every unit test.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
