// SPDX-License-Identifier: MIT

import Testing

/// Everything here starts real processes and waits for them: one test at a time, so that two cores are
/// enough.
@Suite("End to end, on real parts", .serialized)
struct EndToEndTests {}
