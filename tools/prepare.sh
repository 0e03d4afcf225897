# SPDX-License-Identifier: Apache-2.0
# What tools/demo and tools/check share: packages and the build folder. Sourced, from the project's root.

# Sets `missing` to the packages that tools/packages lists and this machine lacks. Where there is no dpkg, to none: configuring tells.
find_missing_packages() {
  local installed
  missing=()
  command -v dpkg-query > /dev/null || return 0
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p' | sort -u)
  mapfile -t missing < <(sort -u tools/packages | comm -23 - <(echo "$installed"))
}

# Installs what tools/packages lists and this machine lacks; as root, or else through sudo.
install_packages() {
  local root=()
  find_missing_packages
  [ ${#missing[@]} -eq 0 ] && return 0
  [ "$(id -u)" -eq 0 ] || root=(sudo)
  mkdir -p build
  { "${root[@]}" apt-get update && "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y "${missing[@]}"; } > build/packages.log 2>&1 ||
    { echo; tail -n 20 build/packages.log; echo "cannot install: ${missing[*]}; all of it is in build/packages.log"; return 1; }
}

# Configures build/ once.
configure() {
  [ -f build/build.ninja ] && return 0
  mkdir -p build
  cmake -G Ninja -B build -DCMAKE_C_COMPILER=clang-22 -DCMAKE_CXX_COMPILER=clang++-22 -DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=lld-22 \
    > build/configure.log 2>&1 || { echo; tail -n 20 build/configure.log; echo "cannot configure; all of it is in build/configure.log"; return 1; }
}
