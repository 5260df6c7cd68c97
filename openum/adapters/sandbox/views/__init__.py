"""Pages of the sandbox: armed answers, recorded messages, conversations, synthetic patients."""
