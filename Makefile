# make search   sets up, builds, and searches a network for a Pixel 1 on Fashion-MNIST
# make test     sets up, and builds and runs the whole test suite

OUTPUT ?= runs/fashion-mnist-pixel1

PACKAGES := libopenblas-dev libjson-c-dev zlib1g-dev libmd-dev libxnnpack-dev libpthreadpool-dev pkg-config dataset-fashion-mnist
ONEPATH := .build/release/onepath
AS_ROOT := $(if $(filter 0,$(shell id -u)),,sudo)

.PHONY: search test build packages clean

search: build
	$(ONEPATH) search --space fashion-mnist --device pixel1 --data fashion-mnist --output $(OUTPUT)

test: packages
	swift test -c release

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
