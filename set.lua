return scene { title = 'x', map = plan {}, build = print, params = {
  param { id = 'n', type = 'integer', default = 2, min = 0, max = 9, unit = 'm', label = { en = 'N', zh = '数' } },
  param { id = 'on', type = 'boolean', default = false, label = 'on' },
  param { id = 'kind', type = 'choice', default = 'slow', choices = { 'slow', 'fast' }, label = 'kind', when = 'live' } } }