"""The law of appeals as pure rules: levels and forms, who may decide, what may follow what."""
