# SPDX-License-Identifier: Apache-2.0
# lathe_add_model: a graph becomes a library target that applications link.

# lathe_add_model(TARGET GRAPH graph.pb [CONFIG file] [NAME name] [SHAPES input:1x224x224x3 ...] [FEEDS input ...]
#                 [FETCHES output ...] [OPTIONS option ...])
# Compiles the graph at build time with the lathe tool and adds the library TARGET: link it, include "TARGET.h". The names
# in the header begin with NAME, or else with TARGET. OPTIONS go to `lathe compile` as they are. Paths are relative to
# the current source directory. Lathe_COMPILER, a path, chooses another tool.
function(lathe_add_model target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "GRAPH;CONFIG;NAME" "SHAPES;FEEDS;FETCHES;OPTIONS")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "lathe_add_model(${target}): unknown argument '${arg_UNPARSED_ARGUMENTS}'")
  endif()
  if(NOT arg_GRAPH)
    message(FATAL_ERROR "lathe_add_model(${target}): GRAPH is missing")
  endif()
  if(NOT arg_NAME)
    set(arg_NAME ${target})
  endif()
  if(Lathe_COMPILER)
    set(compiler ${Lathe_COMPILER})
  elseif(TARGET lathe)
    set(compiler lathe)
  else()
    message(FATAL_ERROR "lathe_add_model(${target}): the lathe tool was not found; set Lathe_COMPILER to its path")
  endif()

  get_filename_component(graph ${arg_GRAPH} ABSOLUTE)
  set(inputs ${graph})
  if(IS_DIRECTORY ${graph})
    file(GLOB_RECURSE inputs CONFIGURE_DEPENDS ${graph}/*)
  endif()
  set(options --name ${arg_NAME})
  if(arg_CONFIG)
    get_filename_component(config ${arg_CONFIG} ABSOLUTE)
    list(APPEND options --config ${config})
    list(APPEND inputs ${config})
  endif()
  foreach(feed IN LISTS arg_FEEDS)
    list(APPEND options --feed ${feed})
  endforeach()
  foreach(fetch IN LISTS arg_FETCHES)
    list(APPEND options --fetch ${fetch})
  endforeach()
  foreach(shape IN LISTS arg_SHAPES)
    list(APPEND options --shape ${shape})
  endforeach()

  set(folder ${CMAKE_CURRENT_BINARY_DIR}/${target}.lathe)
  set(object ${folder}/${target}.o)
  set(header ${folder}/${target}.h)
  file(MAKE_DIRECTORY ${folder})
  add_custom_command(
    OUTPUT ${object} ${header}
    COMMAND ${compiler} compile ${graph} -o ${object} ${options} ${arg_OPTIONS}
    DEPENDS ${inputs} ${compiler}
    COMMENT "Compiling ${arg_GRAPH}"
    VERBATIM)
  set_source_files_properties(${object} PROPERTIES EXTERNAL_OBJECT TRUE GENERATED TRUE)
  add_library(${target} STATIC ${object} ${header})
  set_target_properties(${target} PROPERTIES LINKER_LANGUAGE C)
  target_include_directories(${target} INTERFACE ${folder})
  target_link_libraries(${target} PUBLIC Lathe::runtime)
endfunction()
