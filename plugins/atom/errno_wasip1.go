package main

import "syscall"

// WASI returns this for a path outside the granted folders.
const notCapable = syscall.ENOTCAPABLE
