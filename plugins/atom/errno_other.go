//go:build !wasip1

package main

import "syscall"

const notCapable = syscall.EACCES
