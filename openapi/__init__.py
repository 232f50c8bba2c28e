"""The contract documents; read them with `tunnelspec.contract.load`."""
