return {
{ id = 'a', side = 'west', source = 's', colour = 1 } }