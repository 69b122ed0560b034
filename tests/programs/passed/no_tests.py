
print('it ran')
