-- An id, '' where it names nothing: 0 is what a .NET program writes for "none". What is read today comes without; rows
-- of earlier versions have it.
if(trim(LEADING '0' FROM ${of}) = '', '', ${of})
