return scenario { title = 'x', params = {
param { id = 'demand', type = 'boolean', default = true, label = 'd' } } }