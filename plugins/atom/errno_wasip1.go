package main

import "syscall"

// What WASI answers for a path outside of what was granted.
const notCapable = syscall.ENOTCAPABLE
