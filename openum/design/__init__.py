"""Theme, page skeletons and components. Knows shapes and words; knows no table and no law."""
