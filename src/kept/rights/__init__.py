"""People see and delete what is held about them (promise S1), on what each room's Holding answers."""
