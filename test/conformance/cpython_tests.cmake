# ordo: every one of CPython's tests of asyncio has a counterpart here, or a reason why not.
# SPDX-License-Identifier: BSL-1.0
find_package(Python3 COMPONENTS Interpreter)
if(NOT Python3_Interpreter_FOUND)
    add_test(NAME conformance_cpython_tests COMMAND ${CMAKE_COMMAND} -E echo "skipped: there is no python3")
    set_tests_properties(conformance_cpython_tests PROPERTIES SKIP_REGULAR_EXPRESSION "skipped: there is no python3")
    return()
endif()
set(check ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/check_cpython_tests.py)
add_test(NAME conformance_cpython_tests COMMAND ${check})

# A project with a fault of each kind, to see that the check sees them.
set(faulty ${CMAKE_CURRENT_BINARY_DIR}/faulty_counterparts)
file(WRITE ${faulty}/test/conformance/cpython_inventory.txt
    "test_a C.test_one A\ntest_a C.test_two S\ntest_a C.test_two S\ntest_a C.test_three A\n"
    "test_a C.test_four A\ntest_a C.test_five S\ntest_streams C.test_six A\na stray line\n")
file(WRITE ${faulty}/test/conformance/cpython_tests.md
    "## test_a.py\n- C.test_one: scenario missing; a.cpp: missing; gone.cpp: a_case; a.cpp: a_case (a note; with (brackets))\n"
    "- C.test_one: a.cpp: a_case\n- C.test_two: \n- C.test_three: test_three\n- C.test_unknown: a.cpp: a_case\n"
    "## Without a counterpart\n- test_a C: test_four, test_two\n- test_streams C: test_six\n")
file(WRITE ${faulty}/test/a.cpp "BOOST_AUTO_TEST_CASE(a_case) {}\n")
add_test(NAME conformance_cpython_tests_finds_faults COMMAND ${check} --root ${faulty})
set_tests_properties(conformance_cpython_tests_finds_faults PROPERTIES PASS_REGULAR_EXPRESSION
    "cpython_inventory.txt:3: named twice.*\
cpython_inventory.txt:8: not a test: a stray line.*\
cpython_tests.md: says nothing of test_a C.test_five.*\
cpython_tests.md: the inventory has no test_a C.test_unknown.*\
cpython_tests.md:2: C.test_one: no case missing in test/a.cpp.*\
cpython_tests.md:2: C.test_one: no file test/gone.cpp.*\
cpython_tests.md:2: C.test_one: no scenario missing.*\
cpython_tests.md:3: C.test_one stands here twice.*\
cpython_tests.md:4: C.test_two: an empty name.*\
cpython_tests.md:5: C.test_three: it is mapped to itself.*\
cpython_tests.md:8: C.test_four is portable, and needs a counterpart.*\
cpython_tests.md:8: C.test_two has a counterpart as well.*\
12 faults")
