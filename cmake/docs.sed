# ordo: turns what the headers say into what doxygen reads. Lines keep their numbers.
# SPDX-License-Identifier: BSL-1.0

# The first line says what the file is, and the second, the licence, can be spared.
1 {
    s|^// ordo: |/// @brief |
    h
    s|.*|/// @file|
}
2 x

# `@par Title   text` on one line is a title and its text, not a long title; docs.cmake defines @titled.
s/@par ([A-Z][a-z]*( [a-z]+)*)  +/@titled{\1} /
