# SPDX-License-Identifier: MIT
# Postern: `make run` builds and starts the gateway, `make test` proves it. `make help` lists the rest.

SWIFT ?= swift
# One set of flags for every build: SwiftPM builds everything again when they differ. The check makes the arrows of
# Package.swift the true ones: a target that imports a module which it doesn't name fails.
BUILD = $(SWIFT) build --explicit-target-dependency-import-check error
RELEASE = .build/release

.PHONY: help run demo test bench check format release deps clean

help:
	@echo 'make run      install libraries, build, and start the gateway on loopback: SMTP 2525, HTTP 8025'
	@echo 'make demo     start a gateway of its own, bring about the five fates, and check each'
	@echo 'make test     install everything, build once, run every test and check'
	@echo 'make bench    measure against Postfix and Dovecot on this machine'
	@echo 'make check    the checks that need no build: format, generated pages, scripts'
	@echo 'make format   put every Swift file into the one format'
	@echo 'make deps     install the libraries that the build needs'
	@echo 'make clean    remove what was built; mail in .postern/ stays'

deps:
	scripts/install build

release: deps
	$(BUILD) -c release --product postern
	$(BUILD) -c release --product postern-scanner

run: release
	@echo 'Ctrl-C stops it. What is in flight is finished first; mail and cases stay in .postern/'
	@exec $(RELEASE)/postern serve --config rules/postern.toml

demo: release
	scripts/install demo
	scripts/demo --programs $(RELEASE)

test:
	scripts/install build demo test
	$(MAKE) --no-print-directory check
	$(BUILD) --build-tests
	scripts/crash --control --postern .build/debug/postern
	scripts/crash --rounds 20 --resume-max 20 --postern .build/debug/postern
	scripts/sieve-differential --postern .build/debug/postern
	$(SWIFT) test --explicit-target-dependency-import-check error --skip-build --disable-xctest

bench: release
	scripts/install build demo test
	Benchmarks/peers/relay.py --postern $(RELEASE)/postern
	Benchmarks/peers/lookup.py --postern $(RELEASE)/postern
	Benchmarks/peers/sieve.py --postern $(RELEASE)/postern

check:
	scripts/check

format:
	$(SWIFT) format format --in-place --parallel --recursive Package.swift Sources Tests Fuzz

clean:
	rm -rf .build
