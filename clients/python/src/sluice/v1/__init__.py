"""The generated messages and stubs of the package sluice.v1: the contract as it stands in proto/sluice/v1."""
