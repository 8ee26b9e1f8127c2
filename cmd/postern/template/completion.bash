# Completion of postern for bash.
_postern() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} path= words= i
  if [[ $prev == = ]]; then
    prev=${COMP_WORDS[COMP_CWORD-2]}
  elif [[ $cur == = ]]; then
    cur=
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path ${COMP_WORDS[i]}" in
{{- range commands .}}
      " {{path .}}") path=" {{path .}}" ;;
{{- end}}
    esac
  done
  case "$path $prev" in
{{- range $command := commands .}}{{range .Flags}}
{{- if .Enum}}
    " {{path $command}} --{{.Name}}") COMPREPLY=($(compgen -W '{{range .EnumSlice}}{{.}} {{end}}' -- "$cur")); return ;;
{{- else if isPath .}}
    " {{path $command}} --{{.Name}}") COMPREPLY=($(compgen -d -- "$cur")); return ;;
{{- else if not .IsBool}}
    " {{path $command}} --{{.Name}}") return ;;
{{- end}}{{end}}{{end}}
  esac
  case "$path" in
    "") words='{{range .Children}}{{if not .Hidden}}{{.Name}} {{end}}{{end}}{{range flags .}}--{{.Name}} {{end}}' ;;
{{- range commands .}}
    " {{path .}}") words='{{range .Children}}{{.Name}} {{end}}{{range .Positional}}{{range .EnumSlice}}{{.}} {{end}}{{end}}{{range flags .}}--{{.Name}} {{if .Tag.Negatable}}--no-{{.Name}} {{end}}{{end}}' ;;
{{- end}}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -F _postern postern
