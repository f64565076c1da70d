// SPDX-License-Identifier: MIT
#ifndef POSTERN_DISPATCH_H
#define POSTERN_DISPATCH_H
#include <stdint.h>

// A listening TCP socket with SO_REUSEPORT, close-on-exec, or -1 with errno set. `address` holds 4 or 16 octets in
// network order; `port` may be 0. `bound_port` tells which it became.
int postern_listen(const uint8_t *address, int address_length, uint16_t port, int backlog, uint16_t *bound_port);

// A stream socket pair, close-on-exec; 0 or -1 with errno set.
int postern_socket_pair(int descriptors[2]);
#endif
