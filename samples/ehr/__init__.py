"""A small health record system to try the sandbox with: charts, a FHIR server over them, and a client of CRD, DTR and PAS.

It knows nothing of OpenUM's insides: it calls its addresses, as any vendor's system does. All people are invented.
"""
