# Completion of postern for fish.
function __postern_command
  set -l path ''
  for word in (commandline -opc)[2..-1]
    switch "$path $word"
{{- range commands .}}
      case ' {{path .}}'
        set path ' {{path .}}'
{{- end}}
    end
  end
  test "$path" = "$argv[1]"
end
complete -c postern -f
{{range .Children}}{{if not .Hidden -}}
complete -c postern -n "__postern_command ''" -a {{.Name}} -d {{quoteFish .Help}}
{{end}}{{end -}}
{{range $command := commands . -}}
{{range .Children -}}
complete -c postern -n "__postern_command ' {{path $command}}'" -a {{.Name}} -d {{quoteFish .Help}}
{{end -}}
{{range .Positional}}{{if .Enum -}}
complete -c postern -n "__postern_command ' {{path $command}}'" -a '{{range .EnumSlice}}{{.}} {{end}}'
{{end}}{{end -}}
{{range flags . -}}
complete -c postern -n "__postern_command ' {{path $command}}'" -l {{.Name}} -d {{quoteFish .Help}}{{if .Enum}} -x -a '{{range .EnumSlice}}{{.}} {{end}}'{{else if isPath .}} -r -F{{else if not .IsBool}} -x{{end}}
{{end -}}
{{end -}}
