"""The documentation's pages, and the code that writes those of them that come from the registries."""
