// SPDX-License-Identifier: MIT

// Nesting of values; dotted keys are bounded before parsing (see `KeyParts`), since toml++ bounds only values.
#define TOML_MAX_NESTED_VALUES 32
// The parser's own assertions end the process on some malformed documents that its error paths handle as well.
#define TOML_ASSERT(expr) static_cast<void>(0)

#include "CTOML.h"

#include <algorithm>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <toml++/toml.h>

namespace {

// Counts the dots of each dotted key before toml++ sees the document: every part becomes a table within a table, and
// tables are freed recursively, so that half a megabyte of "a.a.a.a" would exhaust the stack. Strings and comments
// are passed over; whether the rest is TOML at all is toml++'s business.
class KeyParts {
  public:
    KeyParts(std::string_view text, size_t limit) : text_(text), limit_(limit) {}

    /// True if every run is within the limit; otherwise `line` and `column` say where it is passed.
    bool within() {
        while (at_ < text_.size()) {
            const char byte = text_[at_];
            switch (byte) {
            case '"':
            case '\'': skip_string(byte); break;
            case '#': skip_comment(); break;
            case '.':
                if (++dots_ >= limit_) return false;
                step();
                break;
            case '=':
            case ',':
            case '[':
            case ']':
            case '{':
            case '}':
            case '\n':
                dots_ = 0;
                step();
                break;
            default: step();
            }
        }
        return true;
    }

    uint32_t line = 1;
    uint32_t column = 1;

  private:
    void step() {
        const auto byte = static_cast<unsigned char>(text_[at_++]);
        if (byte == '\n') {
            line++;
            column = 1;
        } else if ((byte & 0xC0U) != 0x80U) {
            column++;
        }
    }

    bool has_three(char quote) const {
        return text_.size() - at_ >= 3 && text_[at_] == quote && text_[at_ + 1] == quote && text_[at_ + 2] == quote;
    }

    void skip_string(char quote) {
        const bool is_long = has_three(quote);
        for (int i = 0; i < (is_long ? 3 : 1); i++) step();
        while (at_ < text_.size()) {
            if (quote == '"' && text_[at_] == '\\') {
                step();
                if (at_ < text_.size()) step();
            } else if (is_long && has_three(quote)) {
                for (int i = 0; i < 3; i++) step();
                // Up to two quotes may stand directly before the closing three.
                while (at_ < text_.size() && text_[at_] == quote) step();
                return;
            } else if (!is_long && (text_[at_] == quote || text_[at_] == '\n')) {
                step();
                return;
            } else {
                step();
            }
        }
    }

    void skip_comment() {
        while (at_ < text_.size() && text_[at_] != '\n') step();
    }

    std::string_view text_;
    size_t limit_;
    size_t at_ = 0;
    size_t dots_ = 0;
};

ctoml_region region(const toml::source_region &source) {
    return {source.begin.line, source.begin.column, source.end.line, source.end.column};
}

}  // namespace

struct ctoml_document {
    // Owns the keys and strings that the nodes point into.
    toml::table root;
    std::vector<ctoml_node> nodes;
    bool failed = false;
    std::string error;
    ctoml_region error_place{};

    void fail(std::string text, ctoml_region place) {
        failed = true;
        error = std::move(text);
        error_place = place;
        nodes.clear();
    }
};

namespace {

class Flattening {
  public:
    Flattening(ctoml_document &document, ctoml_limits limits) : document_(document), limits_(limits) {}

    bool add(const toml::node &node, int32_t parent, const toml::key *key, size_t depth) {
        const ctoml_region place = key ? region(key->source()) : region(node.source());
        if (depth > limits_.nesting_max) {
            document_.fail("tables and arrays are nested too deeply here", place);
            return false;
        }
        if (document_.nodes.size() >= limits_.nodes_max || document_.nodes.size() >= INT32_MAX) {
            document_.fail("the document has too many keys and values", place);
            return false;
        }
        const auto index = static_cast<int32_t>(document_.nodes.size());
        document_.nodes.push_back(describe(node, parent, key));
        if (const auto *table = node.as_table()) return add_table(*table, index, depth);
        if (const auto *array = node.as_array()) return add_array(*array, index, depth);
        return true;
    }

  private:
    static ctoml_node describe(const toml::node &node, int32_t parent, const toml::key *key) {
        ctoml_node flat{};
        flat.parent = parent;
        flat.value_place = region(node.source());
        if (key) {
            flat.key = key->data();
            flat.key_octets = key->length();
            flat.key_place = region(key->source());
        }
        flat.kind = CTOML_DATE;
        if (node.is_table()) flat.kind = CTOML_TABLE;
        if (node.is_array()) flat.kind = CTOML_ARRAY;
        if (const auto *text = node.as_string()) {
            flat.kind = CTOML_STRING;
            flat.text = text->get().data();
            flat.text_octets = text->get().size();
        }
        if (const auto *integer = node.as_integer()) {
            flat.kind = CTOML_INTEGER;
            flat.integer = integer->get();
        }
        if (const auto *real = node.as_floating_point()) {
            flat.kind = CTOML_FLOAT;
            flat.real = real->get();
        }
        if (const auto *boolean = node.as_boolean()) {
            flat.kind = CTOML_BOOLEAN;
            flat.boolean = boolean->get();
        }
        return flat;
    }

    bool add_table(const toml::table &table, int32_t index, size_t depth) {
        // toml++ keeps a table sorted by name; complaints and channels want the order of the file.
        std::vector<std::pair<const toml::key *, const toml::node *>> children;
        children.reserve(table.size());
        for (auto &&[key, node] : table) children.emplace_back(&key, &node);
        std::sort(children.begin(), children.end(), [](const auto &one, const auto &other) {
            const auto &left = one.first->source().begin;
            const auto &right = other.first->source().begin;
            return left.line != right.line ? left.line < right.line : left.column < right.column;
        });
        for (const auto &[key, node] : children) {
            if (!add(*node, index, key, depth + 1)) return false;
        }
        return true;
    }

    bool add_array(const toml::array &array, int32_t index, size_t depth) {
        for (const auto &node : array) {
            if (!add(node, index, nullptr, depth + 1)) return false;
        }
        return true;
    }

    ctoml_document &document_;
    ctoml_limits limits_;
};

void read(ctoml_document &document, const uint8_t *bytes, size_t octets, ctoml_limits limits) {
    if (octets > limits.document_octets_max) {
        document.fail("the document is longer than " + std::to_string(limits.document_octets_max) + " octets",
                      {1, 1, 1, 1});
        return;
    }
    const std::string_view text = octets == 0 ? std::string_view() : std::string_view(
        reinterpret_cast<const char *>(bytes), octets);
    KeyParts parts(text, limits.nesting_max);
    if (!parts.within()) {
        document.fail("a dotted key has more than " + std::to_string(limits.nesting_max) + " parts",
                      {parts.line, parts.column, parts.line, parts.column + 1});
        return;
    }
    toml::parse_result result = toml::parse(text);
    if (!result) {
        const toml::parse_error &error = result.error();
        document.fail(std::string(error.description()), region(error.source()));
        return;
    }
    document.root = std::move(result).table();
    Flattening(document, limits).add(document.root, -1, nullptr, 0);
}

}  // namespace

extern "C" {

ctoml_document *ctoml_parse(const uint8_t *bytes, size_t octets, ctoml_limits limits) {
    auto *document = new (std::nothrow) ctoml_document;
    if (document == nullptr) return nullptr;
    // toml++ is built without exceptions; the standard library's (no memory) must not cross into Swift.
    try {
        read(*document, bytes, octets, limits);
    } catch (...) {
        delete document;
        return nullptr;
    }
    return document;
}

const char *ctoml_error(const ctoml_document *document, ctoml_region *place) {
    if (!document->failed) return nullptr;
    *place = document->error_place;
    return document->error.c_str();
}

size_t ctoml_count(const ctoml_document *document) { return document->nodes.size(); }

const ctoml_node *ctoml_nodes(const ctoml_document *document) { return document->nodes.data(); }

void ctoml_free(ctoml_document *document) { delete document; }

}  // extern "C"
