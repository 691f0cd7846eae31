module fanfare/atom

go 1.27
