# Filled when the first model folder appears.
