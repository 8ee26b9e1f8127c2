#compdef postern
# Completion of postern for zsh.
_postern() {
  local path_= word
  local -a commands flags values
  for word in "${(@)words[2,CURRENT-1]}"; do
    case "$path_ $word" in
{{- range commands .}}
      " {{path .}}") path_=" {{path .}}" ;;
{{- end}}
    esac
  done
  case "$path_ ${words[CURRENT-1]}" in
{{- range $command := commands .}}{{range .Flags}}
{{- if .Enum}}
    " {{path $command}} --{{.Name}}") compadd -- {{range .EnumSlice}}{{.}} {{end}}; return ;;
{{- else if isPath .}}
    " {{path $command}} --{{.Name}}") _files -/; return ;;
{{- else if not .IsBool}}
    " {{path $command}} --{{.Name}}") return ;;
{{- end}}{{end}}{{end}}
  esac
  case "$path_" in
    "")
      commands=({{range .Children}}{{if not .Hidden}}
        {{quote (printf "%s:%s" .Name .Help)}}{{end}}{{end}})
      flags=({{range flags .}}
        {{quote (printf "--%s:%s" .Name .Help)}}{{end}}) ;;
{{- range commands .}}
    " {{path .}}")
      commands=({{range .Children}}
        {{quote (printf "%s:%s" .Name .Help)}}{{end}})
      values=({{range .Positional}}{{range .EnumSlice}}{{.}} {{end}}{{end}})
      flags=({{range flags .}}
        {{quote (printf "--%s:%s" .Name .Help)}}{{if .Tag.Negatable}}
        {{quote (printf "--no-%s:%s" .Name .Help)}}{{end}}{{end}}) ;;
{{- end}}
  esac
  (( $#values )) && compadd -a values
  (( $#commands )) && _describe command commands
  _describe -o flag flags
}
_postern "$@"
