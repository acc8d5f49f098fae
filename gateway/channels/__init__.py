"""Channel adapters: what another system says in its own shape and words becomes ours, and ours becomes its own."""
