# ordo: the target `ordo_docs`, the reference from the doc comments, and the CTest `docs`: it is made without a warning.
# SPDX-License-Identifier: BSL-1.0
#
# The README is the front page, and each public header has a page. build/<preset>/docs/html/index.html.
find_package(Doxygen)
if(NOT DOXYGEN_FOUND)
    add_test(NAME docs COMMAND sh -c "echo \"doxygen is missing; cmake/setup installs it\"; exit 77")
    set_tests_properties(docs PROPERTIES SKIP_RETURN_CODE 77)
    return()
endif()

set(DOXYGEN_PROJECT_NAME ordo)
set(DOXYGEN_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/docs)
set(DOXYGEN_USE_MDFILE_AS_MAINPAGE README.md)
set(DOXYGEN_STRIP_FROM_PATH ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR})
set(DOXYGEN_STRIP_FROM_INC_PATH ${PROJECT_SOURCE_DIR}/include)
set(DOXYGEN_EXCLUDE_PATTERNS "*/detail/*")
set(DOXYGEN_EXCLUDE_SYMBOLS "ordo::detail" "ordo::detail::*" "detail" "boost" "boost::*" "spdlog" "std" "std::*")
set(DOXYGEN_FILE_PATTERNS *.hpp)

# The comments speak of what is there, not of every overload, member and file; but what they say must be right.
set(DOXYGEN_WARN_AS_ERROR FAIL_ON_WARNINGS)
set(DOXYGEN_QUIET YES)
set(DOXYGEN_EXTRACT_ALL YES)
set(DOXYGEN_WARN_IF_INCOMPLETE_DOC NO)
set(DOXYGEN_HIDE_UNDOC_RELATIONS YES)
set(DOXYGEN_JAVADOC_AUTOBRIEF YES) # the first sentence is the summary
set(DOXYGEN_ABBREVIATE_BRIEF "The $name class")
set(DOXYGEN_DISTRIBUTE_GROUP_DOC NO)
set(DOXYGEN_SORT_MEMBER_DOCS NO)
set(DOXYGEN_BUILTIN_STL_SUPPORT YES)
set(DOXYGEN_SHOW_INCLUDE_FILES YES)
set(DOXYGEN_VERBATIM_HEADERS NO)
set(DOXYGEN_GENERATE_TREEVIEW YES)
set(DOXYGEN_HAVE_DOT NO)
set(DOXYGEN_MACRO_EXPANSION YES)
set(DOXYGEN_EXPAND_ONLY_PREDEF YES)
set(DOXYGEN_PREDEFINED ORDO_DECL= DOXYGEN)

set(DOXYGEN_ALIASES [[titled{1}=\par \1^^]])
set(DOXYGEN_FILTER_PATTERNS "*.hpp=sed -E -f ${CMAKE_CURRENT_LIST_DIR}/docs.sed")

doxygen_add_docs(ordo_docs ${PROJECT_SOURCE_DIR}/README.md ${PROJECT_SOURCE_DIR}/include/ordo
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
add_test(NAME docs COMMAND Doxygen::doxygen ${CMAKE_CURRENT_BINARY_DIR}/Doxyfile.ordo_docs)
set_tests_properties(docs PROPERTIES WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
