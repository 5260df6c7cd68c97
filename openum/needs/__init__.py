"""Is authorization required for a service, and which documents? The logic behind CRD, DTR, the portal and the command."""
