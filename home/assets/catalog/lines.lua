return {
{ id = 'a', side = 'west' } }