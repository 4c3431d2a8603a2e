# Unreadable for every user, root too: a link to itself.
mkdir -p "$HOME/.config/wfc"
ln -s sites "$HOME/.config/wfc/sites"
