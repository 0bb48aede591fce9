# make search   sets up, builds, and finds a network for a Pixel 1 on Fashion-MNIST
# make test     sets up, and builds and runs the whole test suite
# make docs     writes the tables of the documentation that are made from the commands' help
# make man      writes the manual page, .build/manual/onepath.1
# make reference       writes the API reference, .build-docc/reference/index.html; fetches swift-docc-plugin from GitHub
# make test-interop    checks exported and imported networks, and logs, with onnx, onnxruntime, LiteRT, ncnn, torch,
#                      torchvision, timm, tensorboard and the TensorFlow Lite Task Library from PyPI, in virtual
#                      environments of the project's own (.venv-interop, some gigabytes, and .venv-tasks)
# make test-sanitized  reads 10,000 mutations of every imported kind of file under AddressSanitizer, and runs the Engine's
#                      tests under it and under ThreadSanitizer
# make test-arm        compares the vector kernels with plain loops: compiled for Arm by gcc and by Swift's clang, run by
#                      qemu, and compiled for this machine, with every instruction set that it has
# make benchmark-kernels    times every vector kernel with every instruction set that this machine has

OUTPUT ?= runs/fashion-mnist-pixel1

PACKAGES := libopenblas-dev libjson-c-dev zlib1g-dev libmd-dev libxnnpack-dev libpthreadpool-dev libturbojpeg0-dev libspng-dev \
	libflatbuffers-dev pkg-config dataset-fashion-mnist
ONEPATH := .build/release/onepath
AS_ROOT := $(if $(filter 0,$(shell id -u)),,sudo)

VENV := .venv-interop
# The Task Library needs an older numpy.
TASKS_VENV := .venv-tasks

.PHONY: search test docs man reference test-interop test-sanitized test-arm benchmark-kernels build packages clean

search: build
	$(ONEPATH) search --space fashion-mnist --device pixel1 --data fashion-mnist --target-latency 2.2 --output $(OUTPUT)

# The tests are built by their name: without it, swift test builds all of swift-protobuf, its C++ compiler included.
test: packages
	swift build -c release --product onepathPackageTests
	swift test -c release --skip-build

docs: packages
	swift build -c release --product onepathPackageTests
	ONEPATH_WRITE_DOCS=1 swift test -c release --skip-build --filter 'DocumentationTests/tables'

# By swift-argument-parser's own tool. Its plugin would build all of swift-protobuf first.
man: build
	swift build -c release --product generate-manual
	mkdir -p .build/manual
	.build/release/generate-manual $(ONEPATH) --output-directory .build/manual

# In a build folder of its own, because the plugin changes the package's dependencies.
reference: packages
	mkdir -p .build-docc
	ONEPATH_DOCC=1 swift package --scratch-path .build-docc --allow-writing-to-directory .build-docc/reference \
		generate-documentation --product Onepath --enable-experimental-combined-documentation --warnings-as-errors \
		--output-path .build-docc/reference

test-interop: PACKAGES += python3-venv libusb-1.0-0 openssh-server
test-interop: build $(VENV)/installed $(TASKS_VENV)/installed
	$(VENV)/bin/python -m unittest discover -v -s Tests/Interop

$(VENV)/installed: Tests/Interop/requirements.txt | packages
$(TASKS_VENV)/installed: Tests/Interop/requirements-tasks.txt | packages
$(VENV)/installed $(TASKS_VENV)/installed:
	python3 -m venv $(@D)
	$(@D)/bin/pip install --quiet --requirement $<
	touch $@

# In build folders of their own. Accesses are checked, and integers that overflow stop the program; optimised, because
# the plain loops that the Engine is compared with would take hours otherwise. Under AddressSanitizer run the mutations of
# files and all of the Engine's tests; under ThreadSanitizer those of the Engine's suites whose layers share work between
# threads: kernels alone, schedules and random numbers have no threads. Leaks are not looked for, because the test library
# itself leaves some.
SANITIZED := swift build -c release --product onepathPackageTests
SANITIZED_TEST := swift test -c release --skip-build
THREADED := Convolution|Bottleneck|Normalization|Statistics|Pooling|FullyConnected|Branch|Activation|Gradient|Determinism|ThreadPool|RMSProp

test-sanitized: packages
	$(SANITIZED) --sanitize=address --scratch-path .build-sanitized
	ASAN_OPTIONS=detect_leaks=0 $(SANITIZED_TEST) --sanitize=address --scratch-path .build-sanitized \
		--filter 'MutationTests|^EngineTests'
	$(SANITIZED) --sanitize=thread --scratch-path .build-sanitized-threads
	$(SANITIZED_TEST) --sanitize=thread --scratch-path .build-sanitized-threads --filter '^EngineTests.*($(THREADED))'

# Without -std: as Swift compiles the kernels, which fuses multiplications with additions.
COMPILE_KERNELS := -O2 -Wall -Wextra -Werror -I Sources/CKernels/include -I Sources/CKernels $(wildcard Sources/CKernels/*.c)
KERNEL_TESTS := $(COMPILE_KERNELS) Tests/CKernelsTests/PlainLoops.c -lm -o

test-arm: PACKAGES := gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user
test-arm: packages
	mkdir -p .build/kernels
	aarch64-linux-gnu-gcc -static $(KERNEL_TESTS) .build/kernels/arm-gcc
	qemu-aarch64 .build/kernels/arm-gcc
	clang --target=aarch64-linux-gnu -static $(KERNEL_TESTS) .build/kernels/arm-clang
	qemu-aarch64 .build/kernels/arm-clang
	clang $(KERNEL_TESTS) .build/kernels/here
	.build/kernels/here

benchmark-kernels:
	mkdir -p .build/kernels
	clang $(COMPILE_KERNELS) benchmarks/kernels.c -lm -o .build/kernels/benchmark
	.build/kernels/benchmark

build: packages
	swift build -c release --product onepath

# Installs the packages that are not there; asks for nothing if all are.
packages:
	@missing=; for package in $(PACKAGES); do \
		dpkg-query -W -f '$${Status}' $$package 2>/dev/null | grep -q 'install ok installed' || missing="$$missing $$package"; \
	done; \
	if [ -n "$$missing" ]; then \
		echo "Installing$$missing"; \
		$(AS_ROOT) apt-get update -qq && \
		$(AS_ROOT) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing; \
	fi

clean:
	rm -rf .build
