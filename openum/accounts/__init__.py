"""People, roles, licences and specialties, API clients, plans and delegated organizations."""
