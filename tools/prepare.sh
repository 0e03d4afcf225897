# SPDX-License-Identifier: Apache-2.0
# What tools/demo and tools/check share: packages and the build folder. Sourced, from the project's root.

# Installs what tools/packages lists and this machine lacks.
install_packages() {
  local missing=() name
  while read -r name; do
    dpkg-query -W -f '${Status}' "$name" 2> /dev/null | grep -q 'ok installed' || missing+=("$name")
  done < tools/packages
  missing_packages=${#missing[@]}
  [ "$missing_packages" -eq 0 ] && return 0
  local root=()
  [ "$(id -u)" -eq 0 ] || root=(sudo)
  mkdir -p build
  { "${root[@]}" apt-get update && DEBIAN_FRONTEND=noninteractive "${root[@]}" apt-get install -y "${missing[@]}"; } > build/packages.log 2>&1 ||
    { tail -n 20 build/packages.log; echo "cannot install: ${missing[*]}; all of it is in build/packages.log"; return 1; }
}

# Configures build/ once.
configure() {
  [ -f build/build.ninja ] && return 0
  mkdir -p build
  cmake -G Ninja -B build -DCMAKE_C_COMPILER=clang-22 -DCMAKE_CXX_COMPILER=clang++-22 -DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=lld-22 \
    > build/configure.log 2>&1 || { tail -n 20 build/configure.log; echo "cannot configure; all of it is in build/configure.log"; return 1; }
}
