return
scene { titel = 1 }