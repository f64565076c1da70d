// SPDX-License-Identifier: MIT
#ifndef CLDAP_SHIM_H
#define CLDAP_SHIM_H
// Only what is asynchronous or thread-safe is declared then.
#define LDAP_DEPRECATED 0
#include <lber.h>
#include <ldap.h>
#endif
