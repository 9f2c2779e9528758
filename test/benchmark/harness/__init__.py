# ordo: the harness of the benchmark: builds the programs, runs them in turn, judges the goals.
# SPDX-License-Identifier: BSL-1.0
