# SPDX-License-Identifier: Apache-2.0
# Installs the runtime into an empty folder and builds the application against it, with CMake and with pkg-config.
# Given: RUNTIME_BUILD, MODELS, OBJECT, SOURCE, WORK, C_COMPILER, CXX_COMPILER, PKG_CONFIG, GENERATOR.
function(run)
  execute_process(COMMAND ${ARGV} COMMAND_ERROR_IS_FATAL ANY OUTPUT_VARIABLE output)
  set(output "${output}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE ${WORK})
file(COPY ${SOURCE}/CMakeLists.txt DESTINATION ${WORK}/source)
file(COPY_FILE ${MODELS}/affine_example.c ${WORK}/source/application.c)
file(WRITE ${WORK}/source/graph.pb "graph")
configure_file(${SOURCE}/lathe.sh.in ${WORK}/tool/lathe @ONLY FILE_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)

run(${CMAKE_COMMAND} --install ${RUNTIME_BUILD} --prefix ${WORK}/prefix)
foreach(file include/lathe/abi.h include/lathe/runtime.h)
  if(NOT EXISTS ${WORK}/prefix/${file})
    message(FATAL_ERROR "not installed: ${file}")
  endif()
endforeach()

run(${CMAKE_COMMAND} -G ${GENERATOR} -S ${WORK}/source -B ${WORK}/build -DCMAKE_PREFIX_PATH=${WORK}/prefix
    -DLathe_COMPILER=${WORK}/tool/lathe -DCMAKE_C_COMPILER=${C_COMPILER} -DCMAKE_CXX_COMPILER=${CXX_COMPILER})
run(${CMAKE_COMMAND} --build ${WORK}/build)
run(${WORK}/build/application)
file(STRINGS ${WORK}/build/asked.txt asked)
set(expected "--name affine --feed input --feed scale --fetch Identity --shape input:4x3 --shape scale: --target-cpu=x86-64-v3")
if(NOT asked STREQUAL expected)
  message(FATAL_ERROR "the tool was asked for\n${asked}\nbut it should be\n${expected}")
endif()

# A changed graph is compiled again.
file(WRITE ${WORK}/build/asked.txt "")
file(WRITE ${WORK}/source/graph.pb "changed graph")
run(${CMAKE_COMMAND} --build ${WORK}/build)
file(STRINGS ${WORK}/build/asked.txt asked)
if(NOT asked STREQUAL expected)
  message(FATAL_ERROR "a changed graph was not compiled again")
endif()

if(PKG_CONFIG)
  file(GLOB_RECURSE pc ${WORK}/prefix/*/lathe.pc)
  get_filename_component(folder ${pc} DIRECTORY)
  set(ENV{PKG_CONFIG_PATH} ${folder})
  run(${PKG_CONFIG} --cflags --libs lathe)
  separate_arguments(flags UNIX_COMMAND ${output})
  run(${C_COMPILER} -I${MODELS} ${WORK}/source/application.c ${OBJECT} ${flags} -o ${WORK}/application)
  run(${WORK}/application)
endif()
