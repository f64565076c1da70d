// SPDX-License-Identifier: MIT

// TOML with the place of every key and value, as a flat list of nodes. Reads bytes, keeps nothing, throws nothing:
// the parser behind it (toml++) is C++ and stays on this side.
#ifndef CTOML_H
#define CTOML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What a document may cost. Beyond a limit it is refused with an error, not cut.
typedef struct ctoml_limits {
    size_t document_octets_max;
    /// Nodes of one document, tables and array elements included.
    size_t nodes_max;
    /// Parts of one dotted key, and tables and arrays within each other.
    size_t nesting_max;
} ctoml_limits;

typedef enum ctoml_kind {
    CTOML_TABLE = 0,
    CTOML_ARRAY = 1,
    CTOML_STRING = 2,
    CTOML_INTEGER = 3,
    CTOML_FLOAT = 4,
    CTOML_BOOLEAN = 5,
    /// A date, a time or both.
    CTOML_DATE = 6
} ctoml_kind;

/// Lines and columns from 1, columns in code points. `end_column` is the first column after, on `end_line`.
/// All zero where the document has no such place (the root's key, an array element's key).
typedef struct ctoml_region {
    uint32_t line;
    uint32_t column;
    uint32_t end_line;
    uint32_t end_column;
} ctoml_region;

/// Pointers live as long as the document. Text is UTF-8 and may hold NUL, so it comes with its length.
typedef struct ctoml_node {
    /// Index of the table or array that holds it; -1 for the root. Always smaller than the node's own index.
    int32_t parent;
    ctoml_kind kind;
    const char *key;
    size_t key_octets;
    const char *text;
    size_t text_octets;
    int64_t integer;
    double real;
    bool boolean;
    ctoml_region key_place;
    ctoml_region value_place;
} ctoml_node;

typedef struct ctoml_document ctoml_document;

/// Never NULL unless memory is gone. Free with `ctoml_free`.
ctoml_document *ctoml_parse(const uint8_t *bytes, size_t octets, ctoml_limits limits);

/// NULL if the document was read, else what is wrong with it, in words, ended by NUL.
const char *ctoml_error(const ctoml_document *document, ctoml_region *place);

/// 0 where there was an error. The root comes first, children after their parents, in the order of the file.
size_t ctoml_count(const ctoml_document *document);
const ctoml_node *ctoml_nodes(const ctoml_document *document);

void ctoml_free(ctoml_document *document);

#ifdef __cplusplus
}
#endif
#endif
