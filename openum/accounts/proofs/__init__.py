"""The second proof at the door: passkeys, authenticator apps, recovery codes, and which plans ask for one."""
