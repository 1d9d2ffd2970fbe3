#pragma once

// Everything a program needs that keeps logs on disk: see storage/store.hpp.
#include <iggy/storage/store.hpp>
