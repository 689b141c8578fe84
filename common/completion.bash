# Bash completion for esexport, esimport and esverify.
# shellcheck shell=bash
#
# Nothing is listed here: options come from PROGRAM --help, the words that an
# option takes from its complaint about a wrong one, layouts from esexport.

_es_options() { # program
	"$1" --help 2>/dev/null | sed -n 's/^  \(-[a-zA-Z],\|   \) \(--[a-z-]*\).*/\2/p'
}

# What --help calls the value of an option: "FILE", or nothing.
_es_takes() { # program, option
	local name='[A-Z][A-Z.=a-z]*'
	"$1" --help 2>/dev/null |
		sed -n "s/^  \(-[a-zA-Z],\|   \) $2 \($name\) .*/\2/p; s/^  $2, --[a-z-]* \($name\) .*/\1/p"
}

# "--codec ?: it must be one of jsonl,cbor".  With --help nothing else is done.
_es_choices() { # program, option
	"$1" "$2" '?' --help 2>&1 >/dev/null |
		sed -n 's/.*: it must be one of \([a-z,]*\)$/\1/p' | tr , ' '
}

_es_layouts() { # program
	local esexport=esexport
	case $1 in
	*/*) esexport=${1%/*}/esexport ;;
	esac
	echo auto
	"$esexport" --list-layouts 2>/dev/null | sed 's/ .*//' | sort -u
}

# Files, with `front` before each; a folder gets a slash and is gone into.
_es_files() { # front, what is typed
	local file
	compopt -o nospace
	while IFS= read -r file; do
		if [ -d "$file" ]; then
			COMPREPLY+=("$1$(printf %q "$file")/")
		else
			COMPREPLY+=("$1$(printf %q "$file") ")
		fi
	done < <(compgen -f -- "$2")
}

_es_words() { # words, what is typed
	local word
	while IFS= read -r word; do
		COMPREPLY+=("$word")
	done < <(compgen -W "$1" -- "$2")
}

# A place: bash cuts words at colons, so that behind "sqlite:" the word is "//FILE".
_es_places() { # what is typed, the word before it, and the one before that
	case $2 in
	: | ::) [ "$3" = sqlite ] && [ "${1#//}" != "$1" ] && _es_files // "${1#//}" ;;
	*)
		if [[ sqlite:// == "$1"* ]]; then
			compopt -o nospace
			COMPREPLY+=(sqlite://)
		fi
		case $1 in
		sqlite://*) _es_files sqlite:// "${1#sqlite://}" ;;
		*) _es_files '' "$1" ;;
		esac
		;;
	esac
}

_es() {
	local program=$1 typed=$2 at=$((COMP_CWORD - 1)) before option takes
	COMPREPLY=()
	# --option=value comes as three words.
	if [ "$typed" = = ]; then
		typed=
		at=$COMP_CWORD
	fi
	before=${COMP_WORDS[at]:-}
	option=$before
	if [ "$before" = = ]; then
		option=${COMP_WORDS[at - 1]:-}
	fi
	if [ "$before" = : ] && [ "$at" -ge 2 ]; then
		_es_places "$typed" : "${COMP_WORDS[at - 1]}"
		return
	fi
	case $option in
	-*) takes=$(_es_takes "$program" "$option") ;;
	*) takes= ;;
	esac
	case $option,$takes in
	-f,* | -t,* | --from,* | --to,*) _es_places "$typed" '' '' ;;
	--layout*,?*)
		_es_words "$(_es_layouts "$program")" "$typed"
		[ -z "$typed" ] || _es_files '' "$typed"
		;;
	*,FILE*) _es_files '' "$typed" ;;
	*,?*) _es_words "$(_es_choices "$program" "$option")" "$typed" ;;
	*)
		case $typed in
		-*) _es_words "$(_es_options "$program")" "$typed" ;;
		*) [ "${program##*/}" != esverify ] || _es_places "$typed" '' '' ;;
		esac
		;;
	esac
}

complete -F _es esexport esimport esverify
